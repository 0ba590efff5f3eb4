import { circleOperations } from '../compat/circle/test/operations.ts'
import { emporixOperations } from '../compat/emporix/test/operations.ts'
import { geolensOperations } from '../compat/geolens/test/operations.ts'
import { ordercloudOperations } from '../compat/ordercloud/test/operations.ts'
import { grantOperations } from '../engine/grants/test/operations.ts'
import type { Operation } from './operation.ts'

/** Every grant, and every route of the older APIs; `every-route.test.ts` fails for one that isn't here. */
export const OPERATIONS: readonly Operation[] = [
  ...grantOperations,
  ...ordercloudOperations,
  ...circleOperations,
  ...geolensOperations,
  ...emporixOperations,
]

/** For `test.each`: the operations that a rule is about, by name. */
export function operationsWhere(isMeant: (operation: Operation) => boolean): (readonly [string, Operation])[] {
  return OPERATIONS.filter(isMeant).map((operation) => [operation.name, operation] as const)
}
