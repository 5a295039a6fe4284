import { text } from 'node:stream/consumers'
import pg from 'pg'

// What the bundle is held against: a session of pg that sends statements one by one. Both come on
// standard input: `{ config, statements }`.

const { config, statements } = JSON.parse(await text(process.stdin))
const client = new pg.Client(config)
await client.connect()
for (const statement of statements) await client.query(statement)
await client.end()
