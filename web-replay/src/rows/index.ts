/** What the API sends, as types alone: browsers' code reads this file too, so nothing here may need Node. */
export type {
  DecisionAnswer,
  GrantRow,
  HeldApproval,
  HeldPage,
  HeldRow,
  HeldState,
  Piece,
} from './held.ts'
