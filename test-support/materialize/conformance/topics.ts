import { MemoryKafka } from '../memory-kafka.ts'

const RECORDED_AT = Date.parse('2026-11-23T07:08:08.648Z')

/** The topics that the transcripts read. */
export function recordedKafka(): MemoryKafka {
  const kafka = new MemoryKafka()
  const topic = (name: string, ...records: Parameters<MemoryKafka['produce']>[1][]) => {
    kafka.createTopic(name)
    kafka.produce(name, ...records.map((record) => ({ timestampMs: RECORDED_AT, ...record })))
  }
  const headers: [string, string][] = [
    ['h', 'hv'],
    ['src', 'test'],
  ]
  topic('hello', { value: 'hello' }, { value: 'world' }, { value: 'again' }, { value: 'and again' })
  topic(
    'opt',
    { key: 'a', value: 'a,1', headers },
    { key: 'b', value: 'b,2', headers },
    { key: 'a', value: 'a,3', headers },
  )
  topic(
    'optjson',
    { key: 'a', value: '{"id":1,"s":"x","n":null,"d":1.5}' },
    { key: 'b', value: '{"id":2,"s":"é\\n\\"q\\"","big":12345678901234567890}' },
    { key: 'a', value: '{"id":1,"s":"y"}' },
  )
  topic('optcsv', { value: 'h1;h2' }, { value: 'x;1' }, { value: 'y;2' })
  topic(
    'optbad',
    { value: '{"ok":1}' },
    { value: 'not json' },
    { value: Buffer.from('fffe', 'hex') },
  )
  topic('optnullkey', { key: 'a', value: '1' }, { key: null, value: '2' })
  topic('opttomb', { key: 'a', value: '1' }, { key: 'b', value: '2' }, { key: 'a', value: null })
  topic('optempty')
  kafka.createTopic('opt3p', { partitions: 3 })
  topic('recreate', { value: '1' }, { value: '2' })
  topic(
    'optavro',
    { value: Buffer.from('020204c3a90000000000000440040278027900f6a1abfef962020202610200', 'hex') },
    { value: Buffer.from('0400000000000000000000000000', 'hex') },
  )
  topic(
    'optproto',
    {
      value: Buffer.from(
        '080712036ec3a919000000000000f43f22050a0161100222050a016210032a0200ff30013801',
        'hex',
      ),
    },
    { value: Buffer.from('0808', 'hex') },
  )
  return kafka
}

const READ = 3
const DESCRIBE = 8

/** Does to the Kafka in memory what the recording did to the real one, told by the code it ran. */
export function doToKafka(kafka: MemoryKafka, did: string): void {
  const grant = /createAcls.*resourceName:'([^']+)'.*principal:'User:(\w+)'.*operation:(\d+)/.exec(
    did,
  )
  if (grant !== null) {
    const operation = Number(grant[3])
    if (operation === READ) return kafka.allow(grant[2]!, 'read', grant[1]!)
    if (operation === DESCRIBE) return kafka.allow(grant[2]!, 'describe', grant[1]!)
  }
  const deleted = /deleteTopics\(\{topics:\['([^']+)'\]/.exec(did)
  if (deleted !== null) return kafka.deleteTopic(deleted[1]!)
  const made = /createTopics.*topic:'([^']+)'.*value:'([^']+)'/.exec(did)
  if (made !== null) {
    kafka.createTopic(made[1]!)
    return kafka.produce(made[1]!, { value: made[2]! })
  }
  throw new Error(`the recording did something unknown to Kafka: ${did}`)
}
