import { describe, expect, test } from '@jest/globals'
import type { InputName } from '../src/core/input-table.ts'
import { readInputs, secretsIn } from '../src/inputs.ts'
import { certificate, env, type Given, good, privateKey, refusal } from './inputs-env.ts'

const admin: Given = { 'kafka-admin-username': 'root', 'kafka-admin-password': 'sesame' }
const noKafka: Given = { 'kafka-brokers': '', 'kafka-username': '', 'kafka-password': '' }
const noLogin: Given = { 'kafka-username': '', 'kafka-password': '' }
const names: Given = { source: '', topic: '', sink: '', 'sink-topic': '', sinks: 'a' }

const connection = (broker: string) =>
  `{ kafka: { brokers: ['${broker}'], username: { text: me }, password: { env: PW } } }`
const spec = (...brokers: string[]): Given => ({
  ...{ source: '', topic: '', sink: '', 'sink-from': '', 'sink-topic': '' },
  ...{ 'kafka-brokers': '', 'kafka-username': '', 'kafka-password': '' },
  spec: `{ connections: { ${brokers.map((one, n) => `c${String(n)}: ${connection(one)}`).join(', ')} } }`,
})

describe('inputs about rights that do not go together', () => {
  const cases: { name: string; given: Given; inputs: InputName[]; said: string }[] = [
    {
      name: 'ensure without an administrator',
      given: { grants: 'ensure' },
      inputs: ['grants', 'kafka-admin-username', 'kafka-admin-password'],
      said: 'grants is ensure, and kafka-admin-username and kafka-admin-password are missing',
    },
    {
      name: 'an administrator without a password',
      given: { grants: 'check', 'kafka-admin-username': 'root' },
      inputs: ['kafka-admin-password'],
      said: 'kafka-admin-username is given, and kafka-admin-password is missing',
    },
    {
      name: 'an administrator for nothing',
      given: admin,
      inputs: ['kafka-admin-username', 'kafka-admin-password', 'grants'],
      said: 'have no use while grants is none',
    },
    {
      name: 'a mechanism for nothing',
      given: { 'kafka-admin-mechanism': 'PLAIN' },
      inputs: ['kafka-admin-mechanism', 'grants'],
      said: 'kafka-admin-mechanism has no use while grants is none',
    },
    {
      name: 'mode verify that changes something',
      given: { grants: 'ensure', ...admin, mode: 'verify' },
      inputs: ['grants', 'mode'],
      said: 'mode verify changes nothing; allowed: check',
    },
    {
      name: 'mode teardown that checks',
      given: { grants: 'check', mode: 'teardown' },
      inputs: ['grants', 'mode'],
      said: 'allowed: ensure, which removes what it added',
    },
    {
      name: 'no look at Kafka',
      given: { grants: 'check', 'kafka-check': 'never' },
      inputs: ['grants', 'kafka-check'],
      said: 'kafka-check is never',
    },
    {
      name: 'no brokers',
      given: { grants: 'check', ...noKafka },
      inputs: ['grants'],
      said: 'there is no connection whose Kafka this runner could look at',
    },
    {
      name: 'names alone',
      given: { grants: 'check', mode: 'verify', ...names },
      inputs: ['grants'],
      said: 'names alone do not',
    },
    {
      name: 'an administrator of two Kafkas',
      given: { grants: 'ensure', ...admin, ...spec('a:1', 'b:1') },
      inputs: ['kafka-admin-username'],
      said: 'the connections lead to 2: c0, c1',
    },
    {
      name: 'a login where there is none',
      given: {
        ...{ grants: 'check', ...admin, ...noLogin, 'kafka-security-protocol': 'SSL' },
        ...{ 'kafka-certificate': certificate, 'kafka-key': privateKey },
      },
      inputs: ['kafka-admin-username'],
      said: 'has a protocol without one (SSL)',
    },
    {
      name: 'Upstash has no rules',
      given: { grants: 'ensure', ...admin, provider: 'upstash' },
      inputs: ['grants'],
      said: 'Upstash offers no rules',
    },
    {
      name: 'Confluent Cloud has others',
      given: {
        ...{ grants: 'ensure', ...admin, provider: 'confluent-cloud' },
        ...{ 'kafka-brokers': 'pkc-x.eu-west-1.aws.confluent.cloud:9092' },
      },
      inputs: ['grants'],
      said: 'service account',
    },
  ]
  test.each(cases)('$name', ({ given, inputs, said }) => {
    const failure = refusal(env({ ...good, ...given }, { PW: 'secret' }))
    expect(failure.message).toContain(said)
    expect([...failure.inputs].sort()).toEqual([...inputs].sort())
    expect(`${failure.message}${failure.hint}`).not.toContain('sesame')
  })
})

describe('inputs about rights', () => {
  const cases: { name: string; given: Given; is: unknown }[] = [
    { name: 'none', given: {}, is: undefined },
    { name: 'none, said', given: { grants: 'none' }, is: undefined },
    { name: 'a check', given: { grants: 'check' }, is: { what: 'check' } },
    {
      name: 'a check by mode verify',
      given: { grants: 'check', mode: 'verify' },
      is: { what: 'check' },
    },
    {
      name: 'one mechanism for both',
      given: { grants: 'ensure', ...admin },
      is: { what: 'ensure', admin: { username: 'root', password: 'sesame' } },
    },
    {
      name: 'another mechanism, and a line break after the password',
      given: {
        ...{ grants: 'ensure', ...admin, 'kafka-admin-password': 'sesame\n' },
        'kafka-admin-mechanism': 'plain',
      },
      is: { what: 'ensure', admin: { username: 'root', password: 'sesame', mechanism: 'PLAIN' } },
    },
    {
      name: 'a teardown, which need not say it again',
      given: { mode: 'teardown', ...admin },
      is: { what: 'none', admin: { username: 'root', password: 'sesame' } },
    },
    {
      name: 'two connections to one Kafka',
      given: { grants: 'ensure', ...admin, ...spec('a:1', 'a:1') },
      is: { what: 'ensure', admin: { username: 'root', password: 'sesame' } },
    },
  ]
  test.each(cases)('$name', ({ given, is }) => {
    expect(readInputs(env({ ...good, ...given }, { PW: 'secret' })).inputs.grants).toEqual(is)
  })

  test('the administrator’s password is a secret as it came and as it is used', () => {
    expect(secretsIn(env({ 'kafka-admin-password': 'sesame\n' }))).toEqual(['sesame\n', 'sesame'])
  })
})
