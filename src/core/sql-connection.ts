import type { ConnectionSpec, SecretSpec } from './model-connection.ts'
import type { QualifiedName } from './model-object.ts'
import { literal, qualified, secretLiteral, statement, type Statement } from './sql.ts'

function withSecret(verb: string, secret: SecretSpec): Statement {
  const head = `${verb} SECRET ${qualified(secret.name)} AS `
  return { text: head + secretLiteral(secret.value), shown: `${head}'********'` }
}

export function createSecret(secret: SecretSpec): Statement {
  return withSecret('CREATE', secret)
}

export function alterSecret(secret: SecretSpec): Statement {
  return withSecret('ALTER', secret)
}

export function createConnection(spec: ConnectionSpec): Statement {
  const { kafka, secrets } = spec
  const [first = '', ...others] = kafka.brokers
  const options = [
    others.length === 0
      ? `BROKER ${literal(first)}`
      : `BROKERS (${kafka.brokers.map(literal).join(', ')})`,
    `SECURITY PROTOCOL = ${literal(kafka.protocol)}`,
  ]
  if (kafka.sasl) options.push(`SASL MECHANISMS = ${literal(kafka.sasl.mechanism)}`)
  const secret = (option: string, of: SecretSpec | undefined): void => {
    if (of) options.push(`${option} = SECRET ${qualified(of.name)}`)
  }
  secret('SASL USERNAME', secrets.username)
  secret('SASL PASSWORD', secrets.password)
  secret('SSL CERTIFICATE AUTHORITY', secrets.ca)
  // Checking would hold up everybody else’s DDL; it is done by VALIDATE CONNECTION afterwards.
  return statement(
    `CREATE CONNECTION ${qualified(spec.name)} TO KAFKA (${options.join(', ')}) WITH (VALIDATE = false)`,
  )
}

/** Logs in to Kafka with the connection as it is now; changes nothing. */
export function validateConnection(name: QualifiedName): Statement {
  return statement(`VALIDATE CONNECTION ${qualified(name)}`)
}

/** @param clauses each as `SET (OPTION = value)` or `DROP (OPTION)`; all take effect together. */
export function alterConnection(name: QualifiedName, clauses: string[]): Statement {
  // As with CREATE.
  return statement(
    `ALTER CONNECTION ${qualified(name)} ${clauses.join(', ')} WITH (VALIDATE = false)`,
  )
}
