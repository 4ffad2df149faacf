/** A part of a JSON Schema, as far as the schema of policies uses the language. */
export interface Shape {
  readonly [keyword: string]: unknown
}

type Check = (stated: unknown, value: unknown, root: Shape) => boolean

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
}

const checks: Readonly<Record<string, Check>> = {
  type: (stated, value) => types[String(stated)]?.(value) === true,
  const: (stated, value) => stated === value,
  enum: (stated, value) => list(stated).includes(value),
  anyOf: (stated, value, root) => list(stated).some((one) => conforms(one, value, root)),
  oneOf: (stated, value, root) =>
    list(stated).filter((one) => conforms(one, value, root)).length === 1,
  required: (stated, value) =>
    !isRecord(value) || list(stated).every((key) => Object.hasOwn(value, String(key))),
  properties: (stated, value, root) =>
    !isRecord(value) ||
    !isRecord(stated) ||
    Object.entries(stated).every(
      ([key, shape]) => !Object.hasOwn(value, key) || conforms(shape, value[key], root),
    ),
  propertyNames: (stated, value, root) =>
    !isRecord(value) || Object.keys(value).every((key) => conforms(stated, key, root)),
  prefixItems: (stated, value, root) =>
    !Array.isArray(value) ||
    list(stated).every((shape, at) => at >= value.length || conforms(shape, value[at], root)),
  minItems: (stated, value) => !Array.isArray(value) || value.length >= Number(stated),
  maxItems: (stated, value) => !Array.isArray(value) || value.length <= Number(stated),
  minLength: (stated, value) => typeof value !== 'string' || value.length >= Number(stated),
  maxLength: (stated, value) => typeof value !== 'string' || value.length <= Number(stated),
  minimum: (stated, value) => typeof value !== 'number' || value >= Number(stated),
  maximum: (stated, value) => typeof value !== 'number' || value <= Number(stated),
  pattern: (stated, value) =>
    typeof value !== 'string' || new RegExp(String(stated), 'u').test(value),
  $ref: (stated, value, root) => {
    const defined = isRecord(root['$defs'])
      ? root['$defs'][String(stated).replace('#/$defs/', '')]
      : undefined
    return conforms(defined, value, root)
  },
}

const silent = new Set([
  '$schema',
  '$id',
  '$defs',
  'title',
  'default',
  'additionalProperties',
  'items',
])

/** Returns whether a value has a shape; an unknown keyword is an error of the test. */
export function conforms(shape: unknown, value: unknown, root: Shape): boolean {
  if (typeof shape === 'boolean') return shape
  if (!isRecord(shape)) throw new TypeError('not a shape')
  return (
    Object.entries(shape).every(([keyword, stated]) => {
      if (silent.has(keyword)) return true
      const check = checks[keyword]
      if (check === undefined) throw new TypeError(`unknown keyword ${keyword}`)
      return check(stated, value, root)
    }) && membersConform(shape, value, root)
  )
}

function membersConform(shape: Shape, value: unknown, root: Shape): boolean {
  const { additionalProperties: others, properties, items, prefixItems } = shape
  if (Array.isArray(value) && items !== undefined)
    return value.slice(list(prefixItems).length).every((one) => conforms(items, one, root))
  if (others === undefined || !isRecord(value)) return true
  const known = isRecord(properties) ? Object.keys(properties) : []
  return Object.entries(value).every(
    ([key, member]) => known.includes(key) || conforms(others, member, root),
  )
}
