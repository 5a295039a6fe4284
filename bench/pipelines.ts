/** The same pipelines for both contenders: a spec for the bundle, its statements for bare pg. */

type Inputs = Record<string, string>

/** Environment variables that the spec names. */
export function secretsOf(inputs: Inputs): Record<string, string> {
  return {
    KAFKA_USERNAME: inputs['kafka-username'] ?? '',
    KAFKA_PASSWORD: inputs['kafka-password'] ?? '',
    KAFKA_CA: inputs['kafka-ca'] ?? '',
  }
}

/** A source and a sink for each topic, over one connection; every name begins with the prefix. */
export function specOf(prefix: string, topics: string[], inputs: Inputs): string {
  const hasLogin = (inputs['kafka-username'] ?? '') !== ''
  const option = (key: string, value: string | undefined): string[] =>
    value ? [`      ${key}: ${value}`] : []
  return [
    'connections:',
    `  ${prefix}:`,
    '    kafka:',
    `      brokers: ${JSON.stringify((inputs['kafka-brokers'] ?? '').split(/[\s,]+/))}`,
    ...option('protocol', inputs['kafka-security-protocol']),
    ...(hasLogin
      ? [
          '      username: { env: KAFKA_USERNAME }',
          '      password: { env: KAFKA_PASSWORD }',
          ...option('mechanism', inputs['kafka-sasl-mechanism']),
        ]
      : []),
    ...(inputs['kafka-ca'] ? ['      ca: { env: KAFKA_CA }'] : []),
    'sources:',
    ...topics.map(
      (topic, n) =>
        `  ${prefix}_in_${String(n)}: { connection: ${prefix}, topic: ${topic}, format: text }`,
    ),
    'sinks:',
    ...topics.map(
      (_, n) =>
        `  ${prefix}_out_${String(n)}: { connection: ${prefix}, from: ${prefix}_in_${String(n)}, topic: ${prefix}_out_${String(n)}, envelope: debezium }`,
    ),
  ].join('\n')
}

export function sinkTopicsOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}_out_${String(n)}`)
}

/** The statements of a plan, with the secrets put in that a plan does not show. */
export function statementsOf(planSql: string[], inputs: Inputs): string[] {
  return planSql.map((text) => {
    const secret = /^(CREATE SECRET .*_(username|password|ca)") AS '\*+'$/.exec(text)
    if (!secret) return text
    const [, head = '', part = ''] = secret
    const value = inputs[`kafka-${part}`] ?? ''
    return `${head} AS '\\x${Buffer.from(value).toString('hex')}'`
  })
}
