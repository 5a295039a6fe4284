import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { type Proxy, startProxy } from '../../test-support/network/proxy.ts'
import { startServices } from '../../test-support/pipeline/services.ts'
import { Bench, lookAtAll, type Outcome, type SetUp } from '../../test-support/pipeline/set-ups.ts'
import { expectAsSetUp, printTable } from './outcomes.ts'

/** Sources that do not work, each for a reason that was really made: what is said of each. */

let bench: Bench
let outcomes: Outcome[]
const proxies: Proxy[] = []

const proxy = async (target: string): Promise<Proxy> => {
  const made = await startProxy(Number(target.split(':')[1]))
  proxies.push(made)
  return made
}
const SET_UPS: SetUp[] = [
  {
    name: 'wrong password in Materialize, right at the runner',
    make: async () => {
      await bench.source('pw_mz')
      await bench.secret('pw_mz_c_pw', 'wrong')
      await bench.alter('pw_mz_c', 'SET (SASL PASSWORD SECRET pw_mz_c_pw)')
      return { inputs: bench.inputs({ sources: 'pw_mz' }), object: 'pw_mz' }
    },
    verdict: 'broken',
    reason: 'kafka-login',
    because: /passwords differ/,
    runner: /^logged in/,
  },
  {
    name: 'wrong password on both sides',
    make: async () => {
      await bench.source('pw_both')
      await bench.secret('pw_both_c_pw', 'wrong')
      await bench.alter('pw_both_c', 'SET (SASL PASSWORD SECRET pw_both_c_pw)')
      return {
        inputs: bench.inputs({ sources: 'pw_both' }, { password: 'wrong' }),
        object: 'pw_both',
      }
    },
    verdict: 'broken',
    reason: 'kafka-login',
    because: /of this runner alike/,
    runner: /refused the login/,
  },
  {
    name: 'wrong password by PLAIN, the runner does not look',
    make: async () => {
      await bench.source('pw_plain', { mechanism: 'PLAIN' })
      await bench.secret('pw_plain_c_pw', 'wrong')
      await bench.alter('pw_plain_c', 'SET (SASL PASSWORD SECRET pw_plain_c_pw)')
      return { inputs: bench.inputs({ sources: 'pw_plain' }, { blind: true }), object: 'pw_plain' }
    },
    verdict: 'broken',
    reason: 'kafka-login',
    runner: /did not look/,
  },
  {
    name: 'no login where one is asked for',
    make: async () => {
      await bench.source('no_login', { protocol: 'SASL_PLAINTEXT' })
      await bench.alter(
        'no_login_c',
        `SET (SECURITY PROTOCOL 'PLAINTEXT')`,
        'DROP (SASL MECHANISMS)',
        'DROP (SASL USERNAME)',
        'DROP (SASL PASSWORD)',
      )
      return {
        inputs: bench.inputs({ sources: 'no_login' }, { protocol: 'SASL_PLAINTEXT' }),
        object: 'no_login',
      }
    },
    verdict: 'broken',
    reason: 'kafka-login',
  },
  {
    name: 'a mechanism that librdkafka has not',
    make: async () => {
      await bench.source('mech')
      await bench.alter('mech_c', `SET (SASL MECHANISMS 'GARBAGE')`)
      return { inputs: bench.inputs({ sources: 'mech' }), object: 'mech' }
    },
    verdict: 'broken',
    reason: 'kafka-mechanism',
  },
  {
    name: 'wrong certificate authority in Materialize',
    make: async () => {
      await bench.source('ca_mz')
      await bench.secret('ca_mz_c_ca', bench.kafka.wrongCaPem)
      await bench.alter('ca_mz_c', 'SET (SSL CERTIFICATE AUTHORITY SECRET ca_mz_c_ca)')
      return { inputs: bench.inputs({ sources: 'ca_mz' }), object: 'ca_mz' }
    },
    verdict: 'broken',
    reason: 'kafka-tls',
    because: /this runner trusts it/,
  },
  {
    name: 'wrong certificate authority on both sides',
    make: async () => {
      await bench.source('ca_both')
      await bench.secret('ca_both_c_ca', bench.kafka.wrongCaPem)
      await bench.alter('ca_both_c', 'SET (SSL CERTIFICATE AUTHORITY SECRET ca_both_c_ca)')
      return {
        inputs: bench.inputs({ sources: 'ca_both' }, { ca: bench.kafka.wrongCaPem }),
        object: 'ca_both',
      }
    },
    verdict: 'broken',
    reason: 'kafka-tls',
    runner: /issued by/,
  },
  {
    name: 'TLS asked of a port that speaks plain text',
    make: async () => {
      const broker = bench.kafka.brokers.PLAINTEXT
      await bench.source('tls_plain', { protocol: 'PLAINTEXT' })
      await bench.alter('tls_plain_c', `SET (SECURITY PROTOCOL 'SSL')`)
      return {
        inputs: bench.inputs({ sources: 'tls_plain' }, { protocol: 'SSL', broker }),
        object: 'tls_plain',
      }
    },
    verdict: 'broken',
    reason: 'kafka-tls-mismatch',
    runner: /speaks plain text/,
  },
  {
    name: 'plain text asked of a port that speaks TLS',
    make: async () => {
      const broker = bench.kafka.brokers.SSL
      await bench.source('plain_tls', { protocol: 'SSL' })
      await bench.alter(
        'plain_tls_c',
        `SET (SECURITY PROTOCOL 'PLAINTEXT')`,
        'DROP (SSL CERTIFICATE AUTHORITY)',
      )
      return {
        inputs: bench.inputs({ sources: 'plain_tls' }, { protocol: 'PLAINTEXT', broker }),
        object: 'plain_tls',
      }
    },
    verdict: 'broken',
    reason: 'kafka-tls-mismatch',
    runner: /speaks TLS/,
  },
  {
    name: 'a host without address, on both sides',
    make: async () => {
      await bench.source('dns')
      await bench.alter('dns_c', `SET (BROKER 'kafka.nowhere.invalid:9092')`)
      return {
        inputs: bench.inputs({ sources: 'dns' }, { broker: 'kafka.nowhere.invalid:9092' }),
        object: 'dns',
      }
    },
    verdict: 'broken',
    reason: 'kafka-host-unknown',
    because: /neither side/,
  },
  {
    name: 'a host without address in Materialize, the runner looks at another Kafka',
    make: async () => {
      await bench.source('dns_mz')
      await bench.alter('dns_mz_c', `SET (BROKER 'kafka.nowhere.invalid:9092')`)
      return { inputs: bench.inputs({ sources: 'dns_mz' }), object: 'dns_mz' }
    },
    verdict: 'broken',
    reason: 'kafka-host-unknown',
    runner: /other brokers/,
  },
  {
    name: 'a discontinued provider',
    make: async () => {
      await bench.source('gone')
      await bench.alter('gone_c', `SET (BROKER 'tops-stingray-7863-eu1-kafka.upstash.io:9092')`)
      return { inputs: bench.inputs({ sources: 'gone' }, { blind: true }), object: 'gone' }
    },
    verdict: 'broken',
    reason: 'kafka-provider-gone',
    because: /11 March 2025/,
  },
  {
    name: 'a port where nobody listens',
    make: async () => {
      await bench.source('closed')
      const way = await proxy(bench.kafka.brokers.SASL_SSL)
      await way.stop()
      await bench.alter('closed_c', `SET (BROKER '${way.address}')`)
      return {
        inputs: bench.inputs({ sources: 'closed' }, { broker: way.address }),
        object: 'closed',
      }
    },
    verdict: 'broken',
    reason: 'kafka-unreachable',
    because: /neither side/,
  },
  {
    name: 'brokers that swallow everything',
    make: async () => {
      await bench.source('swallowed')
      const way = await proxy(bench.kafka.brokers.SASL_SSL)
      way.mode = 'swallow'
      await bench.alter('swallowed_c', `SET (BROKER '${way.address}')`)
      return {
        inputs: bench.inputs({ sources: 'swallowed' }, { broker: way.address }),
        object: 'swallowed',
      }
    },
    verdict: 'broken',
    reason: 'kafka-unreachable',
    because: /neither side/,
  },
  {
    name: 'an address that only the runner reaches',
    make: async () => {
      await bench.source('one_sided', { protocol: 'SASL_PLAINTEXT' })
      const way = await proxy(bench.kafka.brokers.SASL_PLAINTEXT)
      way.mode = { only: 'materialize-kafka-action' }
      await bench.alter('one_sided_c', `SET (BROKER '${way.address}')`)
      return {
        inputs: bench.inputs(
          { sources: 'one_sided' },
          { protocol: 'SASL_PLAINTEXT', broker: way.address },
        ),
        object: 'one_sided',
      }
    },
    verdict: 'broken',
    reason: 'materialize-cannot-reach-kafka',
    runner: /^logged in/,
  },
  {
    name: 'an address that only Materialize reaches',
    make: async () => {
      await bench.source('other_sided')
      await bench.isRead('other_sided')
      const way = await proxy(bench.kafka.brokers.SASL_SSL)
      way.mode = 'refuse'
      return {
        inputs: bench.inputs({ sources: 'other_sided' }, { broker: way.address }),
        object: 'other_sided',
      }
    },
    verdict: 'idle',
  },
  {
    name: 'an old librdkafka and a new broker',
    make: async () => {
      await bench.source('old')
      await bench.secret('old_c_pw', 'wrong')
      await bench.alter('old_c', 'SET (SASL PASSWORD SECRET old_c_pw)')
      const way = await proxy(`localhost:${String(bench.services.standIn.port)}`)
      way.rewrite = ['v26.24.0-dev.0', 'v0.150.0-dev.0']
      return {
        inputs: {
          ...bench.inputs({ sources: 'old' }),
          'materialize-url': `postgres://materialize@127.0.0.1:${String(way.port)}/materialize`,
        },
        object: 'old',
      }
    },
    verdict: 'broken',
    reason: 'librdkafka-old',
  },
  {
    name: 'a secret that was rotated and not taken up',
    make: async () => {
      await bench.source('rotated')
      await bench.secret('rotated_c_pw', 'the former one')
      await bench.alter('rotated_c', 'SET (SASL PASSWORD SECRET rotated_c_pw)')
      await bench.secret('rotated_c_pw', bench.kafka.users.full.password)
      return { inputs: bench.inputs({ sources: 'rotated' }), object: 'rotated' }
    },
    verdict: 'broken',
    reason: 'secret-not-taken-up',
  },
]

beforeAll(async () => {
  bench = new Bench(await startServices())
  outcomes = await lookAtAll(SET_UPS)
}, 600_000)
afterAll(async () => {
  printTable(outcomes, 'sources')
  await Promise.all(proxies.map((one) => one.stop().catch(() => undefined)))
  await bench.services.stop()
})

describe('a source that does not work', () => {
  test.each(SET_UPS)('$name: $verdict $reason', (setUp) => {
    expectAsSetUp(outcomes, setUp)
  })
})
