/** The sizes that a replica can have here, with what each is made of. */
export const SIZES = [
  {
    size: '25cc',
    workers: 1,
    cpu: 500_000_000,
    memory: 4_069_523_456,
    disk: 8_139_046_912,
    credits: '0.25',
  },
  {
    size: '50cc',
    workers: 1,
    cpu: 1_000_000_000,
    memory: 8_139_046_912,
    disk: 16_279_142_400,
    credits: '0.5',
  },
  {
    size: '100cc',
    workers: 2,
    cpu: 2_000_000_000,
    memory: 16_279_142_400,
    disk: 32_558_284_800,
    credits: '1',
  },
]
export const SIZE_NAMES = SIZES.map(({ size }) => size)
