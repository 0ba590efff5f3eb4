/** Where deliveries are told, e.g. pino. */
export interface DeliveryLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}
