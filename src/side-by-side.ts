/**
 * Takes every item, several at a time, each in one of a number of lanes. After the first failure no
 * further item is begun; what has begun is waited for, and then that failure is thrown.
 * @param take given the item and the number of its lane, from 0.
 */
export async function sideBySide<Item>(
  items: readonly Item[],
  lanes: number,
  take: (item: Item, lane: number) => Promise<void>,
): Promise<void> {
  const waiting = [...items]
  const failures: unknown[] = []
  const run = async (lane: number): Promise<void> => {
    while (failures.length === 0) {
      const item = waiting.shift()
      if (item === undefined) return
      try {
        await take(item, lane)
      } catch (thrown) {
        failures.push(thrown)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, (_, lane) => run(lane)))
  if (failures.length > 0) throw failures[0]
}
