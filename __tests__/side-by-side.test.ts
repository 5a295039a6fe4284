import { describe, expect, test } from '@jest/globals'
import { sideBySide } from '../src/side-by-side.ts'

/** A promise that a test keeps or breaks itself. */
function promised() {
  let keep = (): void => undefined
  let breakIt = (): void => undefined
  const done = new Promise<void>((resolve, reject) => {
    keep = resolve
    breakIt = () => {
      reject(new Error('broken'))
    }
  })
  return { done, keep, breakIt }
}

describe('side by side', () => {
  test('no more at once than there are lanes, each item once, none in a lane that is taken', async () => {
    const works = [promised(), promised(), promised(), promised()]
    const begun: [number, number][] = []
    const all = sideBySide([0, 1, 2, 3], 2, async (item, lane) => {
      begun.push([item, lane])
      await works[item]?.done
    })
    expect(begun).toEqual([
      [0, 0],
      [1, 1],
    ])
    works[1]?.keep()
    await new Promise(setImmediate)
    expect(begun.slice(2)).toEqual([[2, 1]])
    for (const work of works) work.keep()
    await all
    expect(begun.map(([item]) => item)).toEqual([0, 1, 2, 3])
  })

  test('after a failure nothing is begun, what has begun is waited for, the first one is thrown', async () => {
    const works = [promised(), promised(), promised()]
    const begun: number[] = []
    let ended = false
    const all = sideBySide([0, 1, 2], 2, async (item) => {
      begun.push(item)
      await works[item]?.done
    }).finally(() => {
      ended = true
    })
    works[0]?.breakIt()
    await new Promise(setImmediate)
    expect({ begun, ended }).toEqual({ begun: [0, 1], ended: false })
    works[1]?.keep()
    await expect(all).rejects.toThrow('broken')
  })

  test('nothing to do', async () => {
    await expect(sideBySide([], 4, () => Promise.reject(new Error('never')))).resolves.toBe(
      undefined,
    )
  })
})
