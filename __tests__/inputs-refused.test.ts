import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { INPUTS, type InputName } from '../src/core/input-table.ts'
import { readInputs } from '../src/inputs.ts'
import { certificate, env, good, privateKey, refusal, type Given } from './inputs-env.ts'

const long = 'x'.repeat(256)

/** Every input with what it does not take and what is said of that. */
const bad: Record<InputName, [text: string, said: string][]> = {
  mode: [
    [
      'apply',
      'mode "apply" is not a word it knows; allowed: provision, plan, verify, rotate, teardown or sweep',
    ],
    ['provison', 'did you mean provision?'],
  ],
  spec: [['no/such/file.yaml', 'spec "no/such/file.yaml" cannot be read (ENOENT)']],
  environment: [['x'.repeat(256), 'has 256 bytes; allowed: 1 to 255 bytes of UTF-8']],
  'expires-in': [
    ['3', 'expires-in "3" has no unit; allowed: from 1m to 365d, written like 12h, 3d or 1d12h'],
    ['3 days', 'is not a duration'],
    ['1h1d', 'is not a duration'],
    ['59s', 'is too short or too long'],
    ['366d', 'is too short or too long'],
  ],
  lifetime: [['run', 'lifetime "run" is']],
  'copy-first': [
    ['0', 'copy-first'],
    ['10001', 'copy-first'],
  ],
  'dry-run': [['yes', 'dry-run "yes" is neither true nor false']],
  adopt: [['yes', 'adopt "yes" is neither true nor false']],
  'allow-replace': [['sources,,sinks', 'allow-replace']],
  prune: [['1', 'prune "1" is neither true nor false']],
  'fail-on-changes': [['on', 'fail-on-changes "on" is neither true nor false']],
  'drop-dependents': [['TRUE', 'drop-dependents "TRUE" is neither true nor false']],
  sources: [['a,,b', 'sources']],
  sinks: [['a,,b', 'sinks']],
  'all-in-schema': [['all', 'all-in-schema "all" is neither true nor false']],
  'max-lag-messages': [['-1', 'max-lag-messages "-1" is out of range']],
  'max-lag-seconds': [['0', 'max-lag-seconds "0" is out of range']],
  'max-silence': [['1', 'max-silence "1" has no unit']],
  'fail-on': [['warn', 'fail-on "warn" is not a word it knows']],
  'plan-check': [['on', 'plan-check "on" is not a word it knows; allowed: none or server']],
  'max-parallel': [
    ['0', 'max-parallel "0" is out of range; allowed: a whole number from 1 to 16'],
    ['two', 'is not a whole number'],
  ],
  'restart-replicas': [['y', 'restart-replicas "y" is neither true nor false']],
  'delete-topics': [['y', 'delete-topics "y" is neither true nor false']],
  issue: [['on', 'issue "on" is neither true nor false']],
  comment: [['yes', 'comment "yes" is neither true nor false']],
  'check-name': [
    ['x'.repeat(101), 'is too long; allowed: one line of 1 to 100 letters'],
    ['one\ntwo', 'has more than one line'],
  ],
  'github-token': [['ghs_a\nb', 'github-token has letters that no token has']],
  timeout: [
    ['300', 'timeout "300" has no unit; allowed: from 1s to 6h, written like 90s, 5m or 1h30m'],
    ['0s', 'is too short or too long'],
    ['7h', 'is too short or too long'],
    ['soon', 'is not a duration'],
  ],
  'materialize-url': [
    ['mysql://h', 'materialize-url does not begin with postgres:// or postgresql://'],
    ['postgres://mz.example?sslmode=require', 'has sslmode require'],
    ['postgres://mz.example?options=x', 'has the parameter options'],
  ],
  'materialize-host': [
    ['mz.example:6875', 'materialize-host "mz.example:6875" has a port in it'],
    ['https://mz.example', 'is a URL'],
    ['a b', 'has no usable host name'],
  ],
  'materialize-port': [
    ['0', 'is out of range; allowed: a whole number from 1 to 65535'],
    ['65536', 'is out of range'],
    ['6875x', 'is not a whole number'],
  ],
  'materialize-user': [['a\nb', 'materialize-user "a\\nb" holds a line break']],
  'materialize-password': [['a\0b', 'materialize-password holds a NUL']],
  'materialize-database': [[long, 'has a name of 256 bytes; allowed: 1 to 255 bytes of UTF-8']],
  'materialize-sslmode': [
    ['require', 'is a word of libpq'],
    ['prefer', 'is a word of libpq'],
    ['allow', 'is a word of libpq'],
    ['verify-ca', 'is a word of libpq'],
    ['verify', 'allowed: verify-full, disable or no-verify'],
    ['disabled', 'did you mean disable?'],
  ],
  'materialize-ca': [
    ['/etc/ca.pem', 'materialize-ca holds no certificate'],
    [privateKey, 'holds a private key'],
  ],
  cluster: [[long, 'has a name of 256 bytes']],
  schema: [[long, 'has a name of 256 bytes']],
  'kafka-brokers': [
    ['SASL_SSL://k:9092', 'has a scheme in it'],
    ['a:1 b:2', 'has a blank in it'],
    ['a,,b', 'has an empty entry'],
    ['ok:1,bad:0', 'kafka-brokers "bad:0" has no usable port'],
    ['[::1]:9092', 'has an IPv6 address'],
  ],
  'kafka-username': [['a\nb', 'holds a line break']],
  'kafka-password': [['a\0b', 'kafka-password holds a NUL']],
  'kafka-sasl-mechanism': [
    ['SCRAM-SHA-265', 'did you mean SCRAM-SHA-256?'],
    ['OAUTHBEARER', 'allowed: SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN'],
  ],
  'kafka-security-protocol': [
    ['TLS', 'allowed: SASL_SSL, SSL, SASL_PLAINTEXT or PLAINTEXT'],
    ['SASLSSL', 'did you mean SASL_SSL?'],
  ],
  'kafka-ca': [
    ['-----BEGIN CERTIFICATE-----\\nTWF0\\n-----END CERTIFICATE-----', 'has \\n written out'],
    ['nothing', 'holds no certificate'],
  ],
  'kafka-certificate': [['nothing', 'holds no certificate']],
  'kafka-key': [
    ['nothing', 'holds no private key'],
    [
      '-----BEGIN ENCRYPTED PRIVATE KEY-----\nTWF0\n-----END ENCRYPTED PRIVATE KEY-----',
      'is encrypted',
    ],
    ['-----BEGIN PRIVATE KEY-----\\nTWF0\\n-----END PRIVATE KEY-----', 'has \\n written out'],
    ['-----BEGIN PRIVATE KEY----- TWF0', 'is damaged'],
  ],
  'kafka-check': [['off', 'allowed: auto, always or never']],
  grants: [['enshure', 'did you mean ensure?']],
  'kafka-admin-username': [['a\nb', 'holds a line break']],
  'kafka-admin-password': [['a\0b', 'kafka-admin-password holds a NUL']],
  'kafka-admin-mechanism': [['OAUTHBEARER', 'allowed: SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN']],
  provider: [['upstahs', 'did you mean upstash?']],
  connection: [
    ['a.b.c.d', 'connection "a.b.c.d" has more than three parts'],
    ['x'.repeat(250), 'with _username for its secret it has 259 bytes'],
  ],
  source: [
    ['"a', 'has a double quote that is not closed'],
    ['a..b', 'has an empty name'],
    [long, 'has a name of 256 bytes'],
  ],
  topic: [['a b', 'is not a topic name; allowed: 1 to 249 letters']],
  'create-topic': [['yes', 'create-topic "yes" is neither true nor false; allowed: true or false']],
  'topic-partitions': [
    ['0', 'allowed: a whole number from 1 to 10000'],
    ['-1', 'is out of range'],
  ],
  'topic-replication-factor': [
    ['0', 'allowed: -1 (the broker’s default) or a whole number from 1 to 99'],
  ],
  format: [['jsno', 'did you mean json?']],
  'key-format': [['avro', 'allowed: bytes, text or json']],
  envelope: [['debezium', 'allowed: none or upsert']],
  include: [
    ['keys', 'did you mean key?'],
    ['offset, offset', 'has an entry twice'],
    ['key,,', 'has an empty entry'],
  ],
  'start-offsets': [
    ['-1', '"-1" is out of range'],
    ['1;2', '"1;2" is not a whole number'],
  ],
  sink: [['a. b', 'has a blank beside a dot']],
  'sink-from': [['"a"b', 'goes on after a closing quote']],
  'sink-topic': [['..', 'is not a topic name']],
  'sink-format': [['avro', 'allowed: bytes, text or json']],
  'sink-envelope': [['none', 'allowed: debezium or upsert']],
  'sink-key': [['a,a', 'sink-key "a" names a column twice']],
  produce: [
    ['{"value":1', 'produce: line 1 is not JSON'],
    [
      '{"value":1}\n{}\n[]',
      'line 2 has no value; null writes a tombstone; line 3 is no JSON object',
    ],
    ['records.jsonl', 'produce "records.jsonl" cannot be read (ENOENT)'],
    ['../x', 'outside the checkout'],
  ],
  'produce-topic': [['a b', 'is not a topic name']],
  canary: [['on', 'canary "on" is not a word it knows; allowed: none, isolated or inline']],
  'canary-count': [
    ['0', 'canary-count "0" is out of range; allowed: a whole number from 1 to 100'],
  ],
  'max-latency': [['0ms', 'is too short or too long; allowed: from 1ms to 1h']],
  'show-rows': [['all', 'allowed: summary, output or none']],
  'sample-rows': [['1001', 'allowed: a whole number from 0 to 1000']],
  'min-rows': [['-1', 'allowed: a whole number from 0 to 1000000']],
}

const cases = Object.entries(bad).flatMap(([name, texts]) =>
  texts.map(([text, said]) => ({ name: name as InputName, text, said })),
)

test('nothing is wrong with the inputs that the cases start from', () => {
  expect(readInputs(env(good)).inputs.spec.sinks).toHaveLength(1)
})

test.each(cases)('$name: $text', ({ name, text, said }) => {
  const failure = refusal(env({ ...good, [name]: text }))
  expect(failure).toMatchObject({ reason: 'input-invalid', inputs: [name] })
  expect(failure.message).toContain(said)
  expect(failure.message).toContain(name)
  expect(failure.message).not.toContain('\n')
})

test('a connection too long for its secrets is named beside a login that is refused', () => {
  const failure = refusal(env({ ...good, connection: 'x'.repeat(250), 'kafka-username': 'a\nb' }))
  expect(failure.inputs).toEqual(['kafka-username', 'connection'])
})

test('any two bad inputs are both named at once', () => {
  const one = fc.constantFrom(...cases)
  fc.assert(
    fc.property(one, one, (a, b) => {
      fc.pre(a.name !== b.name)
      const failure = refusal(env({ ...good, [a.name]: a.text, [b.name]: b.text }))
      expect(failure.inputs).toEqual(expect.arrayContaining([a.name, b.name]))
      // Only a URL that was refused may hide what hangs on it.
      expect(failure.message).toContain(a.said)
      expect(failure.message).toContain(b.said)
    }),
  )
})

test.each<[Given, InputName[]]>([
  [
    { 'materialize-url': 'mysql://h', 'materialize-host': '', 'materialize-user': '' },
    ['materialize-url'],
  ],
  [
    { 'kafka-security-protocol': 'PLAINTXT', 'kafka-username': '', 'kafka-password': '' },
    ['kafka-security-protocol'],
  ],
  [{ 'kafka-brokers': 'a,,b' }, ['kafka-brokers']],
  [{ source: '"a' }, ['source']],
])('one fault draws no others after it: %j', (change, inputs) => {
  expect(refusal(env({ ...good, ...change })).inputs).toEqual(inputs)
})

test('all inputs bad at once are all named', () => {
  const first = Object.fromEntries(Object.entries(bad).map(([name, [c]]) => [name, c?.[0]]))
  const failure = refusal(env(first as Given))
  expect([...failure.inputs].sort()).toEqual(INPUTS.map((row) => row.name).sort())
})

/** What does not go together: [what is given beside or instead of the good inputs, inputs named]. */
const rules: [Given, InputName[], string][] = [
  [{ issue: 'true', 'github-token': 't' }, ['issue', 'mode'], 'issue is of mode verify'],
  [
    { comment: 'true', mode: 'sweep', 'github-token': 't' },
    ['comment', 'mode'],
    'comment does not go with mode sweep',
  ],
  [{ 'check-name': 'nightly' }, ['check-name', 'issue'], 'check-name has no use without'],
  [{ comment: 'true' }, ['github-token'], 'github-token is empty'],
  [
    { 'materialize-host': '' },
    ['materialize-host', 'materialize-url'],
    'materialize-host is missing; give it, or materialize-url with it, or the environment variable MZ_HOST',
  ],
  [{ 'materialize-user': '' }, ['materialize-user', 'materialize-url'], 'MZ_USER'],
  [
    { 'materialize-ca': certificate, 'materialize-sslmode': 'disable' },
    ['materialize-ca', 'materialize-sslmode'],
    'materialize-ca has no use',
  ],
  [{ 'kafka-password': '' }, ['kafka-password'], 'SASL_SSL needs it'],
  [{ 'kafka-username': '' }, ['kafka-username'], 'SASL_SSL needs it'],
  [
    { 'kafka-security-protocol': 'SSL' },
    ['kafka-username', 'kafka-security-protocol', 'kafka-password'],
    'kafka-username has no use while kafka-security-protocol is SSL',
  ],
  [
    {
      'kafka-security-protocol': 'PLAINTEXT',
      'kafka-username': '',
      'kafka-password': '',
      'kafka-sasl-mechanism': 'PLAIN',
    },
    ['kafka-sasl-mechanism', 'kafka-security-protocol'],
    'which has no login',
  ],
  [
    { 'kafka-security-protocol': 'SASL_PLAINTEXT', 'kafka-ca': certificate },
    ['kafka-ca', 'kafka-security-protocol'],
    'which has no TLS',
  ],
  [
    { 'kafka-brokers': '' },
    ['kafka-brokers', 'kafka-username', 'kafka-password'],
    'kafka-brokers is missing or empty, while kafka-username, kafka-password are given',
  ],
  [
    { 'kafka-brokers': '', 'kafka-username': '', 'kafka-password': '', 'kafka-check': 'always' },
    ['kafka-check', 'kafka-brokers'],
    'kafka-check is always',
  ],
  [
    { 'kafka-brokers': '', 'kafka-username': '', 'kafka-password': '', 'create-topic': 'true' },
    ['create-topic', 'kafka-brokers'],
    'create-topic is true',
  ],
  [
    { source: '', topic: '', sink: '', 'sink-topic': '' },
    ['source', 'sink'],
    'source and sink are both missing',
  ],
  [{ topic: '' }, ['topic'], 'topic is missing, and source needs it'],
  [{ source: '', 'sink-from': 't' }, ['topic', 'source'], 'topic has no use without source'],
  [
    { source: '', topic: '', 'sink-from': 't', 'create-topic': 'true' },
    ['create-topic', 'source'],
    'only a source’s topic is created',
  ],
  [{ 'sink-topic': '' }, ['sink-topic'], 'sink-topic is missing, and sink needs it'],
  [{ sink: '' }, ['sink-topic', 'sink'], 'sink-topic has no use without sink'],
  [{ sink: '', 'sink-topic': '', 'sink-key': 'a' }, ['sink-key', 'sink'], 'has no use'],
  [{ sink: '', 'sink-topic': '', 'sink-from': 'a' }, ['sink-from', 'sink'], 'has no use'],
  [{ source: '', topic: '' }, ['sink-from'], 'without a source the sink needs it'],
  [{ 'sink-envelope': 'upsert' }, ['sink-key'], 'sink-envelope upsert needs it'],
  [
    { envelope: 'upsert' },
    ['envelope', 'key-format'],
    'key-format is missing, and envelope upsert',
  ],
  [{ include: 'key' }, ['include', 'key-format'], 'key-format is missing, and include key'],
  [
    { source: '', topic: '', 'sink-from': 't', include: 'offset' },
    ['include', 'source'],
    'include has no use without source',
  ],
  [{ 'sink-key': 'Data' }, ['sink-key'], 'there are "data" (did you mean "data"?)'],
  [
    { include: 'offset', 'sink-format': 'text' },
    ['sink-format'],
    'text writes one column, and there are "data", "offset"',
  ],
  [
    { 'sink-envelope': 'upsert', 'sink-key': 'data' },
    ['sink-envelope', 'envelope'],
    'nothing tells the rows of the source apart',
  ],
  [
    { 'sink-envelope': 'upsert', 'sink-key': 'data', 'key-format': 'text', envelope: 'upsert' },
    ['sink-key'],
    'sink-key lacks "key"',
  ],
  [{ sink: 'hello' }, ['source', 'sink'], 'source and sink have the same name'],
  [{ connection: 'hello' }, ['connection', 'source'], 'connection and source have the same name'],
  [
    { source: 'kafka_password' },
    ['connection', 'source'],
    'the secret "kafka_password" of connection and source have the same name',
  ],
  [{ 'sink-from': 'hello_out' }, ['sink', 'sink-from'], 'are the same name'],
]

test.each(rules)('%j', (change, inputs, said) => {
  const failure = refusal(env({ ...good, ...change }))
  expect(failure.inputs).toEqual(inputs)
  expect(failure.message).toContain(said)
})

test('one fault and several read as sentences', () => {
  expect(refusal(env({ ...good, format: 'xml' })).message).toBe(
    'An input is wrong: format "xml" is not a word it knows; allowed: bytes, text or json.',
  )
  expect(refusal(env({ ...good, mode: 'go', 'min-rows': 'x' })).message).toBe(
    '2 things are wrong with the inputs: (1) mode "go" is not a word it knows; allowed: provision, plan, verify, rotate, teardown or sweep; ' +
      '(2) min-rows "x" is not a whole number; allowed: a whole number from 0 to 1000000.',
  )
})

test('what is wrong is shown short, on one line and visibly', () => {
  const shown = (text: string) => refusal(env({ ...good, 'min-rows': text })).message
  expect(shown('9'.repeat(10_000)).length).toBeLessThan(250)
  expect(shown('a\u202eb\u0007c\u2028d\u200be')).toContain(
    '"a\\u{202e}b\\u0007c\\u{2028}d\\u{200b}e"',
  )
})
