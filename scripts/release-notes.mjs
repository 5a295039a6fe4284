// Prints what CHANGELOG.md says of a version, given as its tag: the notes of its release. Fails if
// the tag is not the version of package.json, or if there is nothing to say.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = process.env.RELEASE_ROOT ?? fileURLToPath(new URL('..', import.meta.url))
const read = (file) => readFileSync(join(root, file), 'utf8')

function fail(words) {
  console.error(words)
  process.exit(1)
}

const [tag = ''] = process.argv.slice(2)
const { version } = JSON.parse(read('package.json'))
if (tag !== `v${version}`) fail(`The tag is ${tag}, the version of package.json ${version}.`)
const [, ...sections] = read('CHANGELOG.md').split(/^## /m)
const section = sections.find((text) => text.startsWith(`[${version}]`))
if (!section) fail(`CHANGELOG.md has no section [${version}].`)
// Links of the whole file stand at its end.
const notes = section
  .replace(/^.*\n/, '')
  .replace(/^\[[^\]]+\]: .*$/gm, '')
  .trim()
if (notes === '') fail(`CHANGELOG.md says nothing of ${version}.`)
console.log(notes)
