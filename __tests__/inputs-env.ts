import { expect } from '@jest/globals'
import { Failure } from '../src/core/failure.ts'
import type { InputName } from '../src/core/input-table.ts'
import { readInputs, type Environment } from '../src/inputs.ts'

export type Given = Partial<Record<InputName, string>>

/** Inputs as the runner hands them over, beside other variables. */
export function env(inputs: Given, variables: Record<string, string> = {}): Record<string, string> {
  const named = Object.entries(inputs).map(([name, text]) => [`INPUT_${name.toUpperCase()}`, text])
  return { ...variables, ...Object.fromEntries(named) }
}

/** What reading them throws; fails when that is nothing, or no Failure about inputs. */
export function refusal(environment: Environment): Failure {
  try {
    readInputs(environment)
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Failure)
    const failure = thrown as Failure
    expect(failure.reason).toBe('input-invalid')
    for (const name of failure.inputs) expect(failure.message).toContain(name)
    return failure
  }
  throw new Error('nothing was refused')
}

export const certificate = '-----BEGIN CERTIFICATE-----\nTWF0\n-----END CERTIFICATE-----'

export const privateKey = certificate.replaceAll('CERTIFICATE', 'PRIVATE KEY')

export const url = 'postgres://me:pw@mz.example:6875/db'

export const kafka: Given = {
  'kafka-brokers': 'kafka.example:9093',
  'kafka-username': 'user',
  'kafka-password': 'secret',
}

/** The inputs of the workflow that README begins with. */
export const whole: Given = {
  'materialize-url': url,
  ...kafka,
  connection: 'upstash',
  source: 'hello',
  topic: 'hello',
  format: 'bytes',
  sink: 'hello_out',
  'sink-from': 'hello',
  'sink-topic': 'hello-out',
}

/** Nothing wrong with these, and nothing given that is not needed. */
export const good: Given = {
  'materialize-host': 'mz.example',
  'materialize-user': 'me',
  'materialize-password': 'correct horse',
  'kafka-brokers': 'kafka:9092',
  'kafka-username': 'user',
  'kafka-password': 'battery staple',
  source: 'hello',
  topic: 'hello',
  sink: 'hello_out',
  'sink-topic': 'hello-out',
}
