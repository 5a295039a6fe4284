/**
 * Writes the tables of README.md and the inputs and outputs of action.yml anew from the tables in
 * src/core, between the markers in those files. With --check nothing is written: names the files
 * that are stale and exits with 1.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { GROUPS } from '../src/core/input-row.ts'
import { INPUTS } from '../src/core/input-table.ts'
import { SASL_MECHANISMS } from '../src/core/model-connection.ts'
import { OUTPUTS } from '../src/core/output-table.ts'
import { PRESETS, PROVIDERS } from '../src/core/presets.ts'
import { REASON_TEXTS } from '../src/core/reasons.ts'
import { VERDICTS } from '../src/core/verdicts.ts'
import { cell, code, fill, table } from './markdown.mjs'

const root = new URL('../', import.meta.url)

/** A YAML scalar in single quotes. */
function yaml(text) {
  return `'${text.replaceAll("'", "''")}'`
}

function inputsYaml() {
  const lines = ['inputs:']
  for (const [group, title] of Object.entries(GROUPS)) {
    lines.push(`  # ${title}`)
    for (const row of INPUTS.filter((input) => input.group === group)) {
      const choices = row.choices ? ` Takes: ${row.choices.join(', ')}.` : ''
      const otherwise = row.otherwise ? ` If empty: ${row.otherwise}.` : ''
      lines.push(
        `  ${row.name}:`,
        `    description: ${yaml(row.description + choices + otherwise)}`,
      )
      if (row.default !== undefined) lines.push(`    default: ${yaml(row.default)}`)
    }
  }
  return lines.join('\n')
}

function outputsYaml() {
  const rows = OUTPUTS.map((row) => `  ${row.name}:\n    description: ${yaml(row.description)}`)
  return ['outputs:', ...rows].join('\n')
}

function defaultCell(row) {
  if (row.default !== undefined) return code(row.default)
  return cell(row.otherwise ?? '')
}

function inputTables() {
  const sections = Object.entries(GROUPS).map(([group, title]) => {
    const rows = INPUTS.filter((input) => input.group === group).map((row) => [
      code(row.name),
      row.choices ? row.choices.map(code).join(', ') : cell(row.type),
      defaultCell(row),
      cell(row.description),
    ])
    return `### ${title}\n\n${table(['Input', 'Takes', 'If empty', 'Meaning'], rows)}`
  })
  return sections.join('\n\n')
}

function outputTable() {
  return table(
    ['Output', 'Meaning'],
    OUTPUTS.map((row) => [code(row.name), cell(row.description)]),
  )
}

function reasonTable() {
  return table(
    ['Reason', 'What to do'],
    REASON_TEXTS.map(({ reason, hint }) => [code(reason), cell(hint)]),
  )
}

/** A row for each preset: what it sets, and the limits that are checked or to be known. */
function providerTable() {
  const rows = PROVIDERS.map((provider) => {
    const preset = PRESETS[provider]
    const { port, mechanisms, protocols, replicationFactor: replicas, compression } = preset
    const others = (mechanisms ?? SASL_MECHANISMS).filter((one) => one !== preset.mechanism)
    const more = others.length === 0 ? '' : `; also ${others.map(code).join(', ')}`
    const limits = [
      ...(protocols ? [`${protocols.map(code).join(' or ')} only.`] : []),
      ...(replicas ? [`Every topic has ${replicas} replicas.`] : []),
      ...(preset.username ? [`The user name is the literal ${code(preset.username)}.`] : []),
      ...(compression
        ? [
            `Sinks compress by ${compression.map(code).join(' or ')}, ${code(compression[0])} unless the other is given.`,
          ]
        : []),
      ...(preset.beware ? [cell(preset.beware)] : []),
    ]
    return [
      code(provider),
      cell(preset.title),
      `${code(preset.protocol)}, ${code(preset.mechanism)}${more}`,
      port === undefined ? 'by service' : String(port),
      preset.authority,
      limits.join(' '),
    ]
  })
  return table(['Provider', 'Is', 'Login', 'Port', 'Certificates', 'Limits'], rows)
}

/** A heading for each, since a summary or a log may point at one. */
function reasonSections() {
  return REASON_TEXTS.map(
    ({ reason, meaning, hint }) => `## ${reason}\n\n${cell(meaning)}\n\n${cell(hint)}`,
  ).join('\n\n')
}

function verdictTable() {
  return table(
    ['Verdict', 'status', 'Meaning'],
    Object.entries(VERDICTS).map(([verdict, { status, meaning }]) => [
      code(verdict),
      code(status === 'drifted' ? 'degraded' : status),
      cell(meaning),
    ]),
  )
}

const comment = (word) => `<!-- ${word} -->`

const targets = {
  'README.md': (text) =>
    fill(
      text,
      {
        inputs: `\n\n${inputTables()}\n\n`,
        outputs: `\n\n${outputTable()}\n\n`,
        providers: `\n\n${providerTable()}\n\n`,
        reasons: `\n\n${reasonTable()}\n\n`,
      },
      comment,
    ),
  'docs/reasons.md': (text) => fill(text, { reasons: `\n\n${reasonSections()}\n\n` }, comment),
  'docs/verdicts.md': (text) => fill(text, { verdicts: `\n\n${verdictTable()}\n\n` }, comment),
  'action.yml': (text) =>
    fill(
      text,
      { inputs: `\n${inputsYaml()}\n`, outputs: `\n${outputsYaml()}\n` },
      (word) => `# ${word} (node scripts/readme.mjs)`,
    ),
}

const stale = []
for (const [file, render] of Object.entries(targets)) {
  const path = new URL(file, root)
  const text = readFileSync(path, 'utf8')
  const fresh = render(text)
  if (fresh === text) continue
  stale.push(file)
  if (!process.argv.includes('--check')) writeFileSync(path, fresh)
}

if (stale.length > 0 && process.argv.includes('--check')) {
  console.error(`${stale.join(' and ')} stale: run node scripts/readme.mjs`)
  process.exitCode = 1
}
