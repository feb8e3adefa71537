// Where personal data lies. A column that is listed here is sealed before it is stored, and re-sealed by keys:rotate.

interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** What names the row: unique, and never changed. */
  readonly row: string;
}

export const SEALED_COLUMNS = {
  email: { table: 'users', column: 'email_sealed', row: 'id' },
  phone: { table: 'profile', column: 'phone_sealed', row: 'owner_id' },
  address: { table: 'place', column: 'address_sealed', row: 'id' },
} as const satisfies Record<string, SealedColumn>;

export type PersonalData = keyof typeof SEALED_COLUMNS;
