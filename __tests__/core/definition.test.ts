import { describe, expect, test } from '@jest/globals'
import type { Definition } from '../../src/core/definition.ts'
import { printDefinition, readDefinition, sameDefinition } from '../../src/core/definition.ts'
import { shownTexts } from './definition-texts.ts'

const clusterNames: Record<string, string> = { u1: 'quickstart' }
const nameOf = (id: string): string | undefined => clusterNames[id]
const read = (text: string): Definition | undefined => readDefinition(text, nameOf)
const context = { database: 'materialize', schema: 'public' }

const catalog = shownTexts.filter(({ form }) => form !== 'sent')
const sent = shownTexts.filter(
  ({ form, text }) =>
    form === 'sent' && /^CREATE (?:CONNECTION|SOURCE|SINK|TABLE|MATERIALIZED|CLUSTER) /.test(text),
)

/** One object of a transcript, whatever form it is shown in. */
const keyOf = (transcript: string, of: Definition): string =>
  `${transcript} ${of.is} ${of.name.name}`

/** Each object’s last text of each form: some were altered on the way. */
const objects = new Map<string, Partial<Record<string, Definition>>>()
for (const { transcript, form, text } of shownTexts) {
  const definition = read(text)
  if (definition === undefined) continue
  const key = keyOf(transcript, definition)
  objects.set(key, { ...objects.get(key), [form]: definition })
}

describe('the definitions that the server showed', () => {
  test('are as many as the transcripts hold', () => {
    expect(catalog.length).toBeGreaterThan(150)
    expect(sent.length).toBeGreaterThan(60)
  })

  test('are all read, with nothing left over, and print so that they read back equal', () => {
    for (const { text } of [...catalog, ...sent]) {
      const definition = readDefinition(text)
      expect([text, definition?.other]).toEqual([text, []])
      const printed = printDefinition(definition!)
      expect([printed, readDefinition(printed)]).toEqual([printed, definition])
    }
  })

  test('say the same of an object in every form', () => {
    const seen: string[] = []
    for (const [key, { internal, redacted, shown }] of objects) {
      if (internal && redacted) {
        expect([key, sameDefinition(internal, redacted)]).toEqual([key, true])
      }
      if (internal && shown) {
        seen.push(key)
        expect([key, sameDefinition(internal, shown)]).toEqual([key, true])
      }
    }
    expect(seen.length).toBeGreaterThan(15)
  })

  test('say what the statement said that made the object', () => {
    /** What the server sets when nothing is said of it. */
    const withDefaults = (asked: Definition, there: Definition): Definition => ({
      ...('progress' in there && { progress: there.progress }),
      ...('cluster' in there && { cluster: there.cluster }),
      ...asked,
    })
    const differing = [...objects]
      .filter(([, { sent: asked, internal }]) => asked && internal)
      .filter(([, { sent: asked, internal }]) => {
        return !sameDefinition(withDefaults(asked!, internal!), internal!, context)
      })
    expect(differing.map(([key]) => key)).toEqual([
      // START TIMESTAMP is kept as the offset that it meant.
      'options.jsonl source s_start2',
      // Its FROM was altered, which is counted as a version.
      'options.jsonl sink k_ups',
    ])
  })

  test('tell one object from another', () => {
    const [one, ...others] = [...objects.values()].flatMap(({ internal }) => internal ?? [])
    expect(others.filter((other) => sameDefinition(one!, other))).toEqual([])
  })
})
