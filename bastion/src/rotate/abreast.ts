/** Returns what `act` makes of each item, in their order, with at most so many under way at a time. */
export async function mapAbreast<T, R>(
  items: readonly T[],
  abreast: number,
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>()
  const left = [...items.entries()]
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [at, item] = next
      results.set(at, await act(item))
    }
  }
  await Promise.all(Array.from({ length: Math.min(abreast, items.length) }, worker))
  return [...results].toSorted(([one], [other]) => one - other).map(([, result]) => result)
}
