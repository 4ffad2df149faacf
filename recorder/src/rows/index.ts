/** What the catalog knows, as types alone: browsers' code may read this file too. */
export type { ClaimFilter, DecisionKind, ListQuery, RecordingFilters, Scope } from './query.ts'
export type {
  ChannelRow,
  CommandRow,
  FirstChannel,
  RecordingDetail,
  RecordingPage,
  RecordingRow,
  RecordingStatus,
} from './rows.ts'
export type {
  SearchAnswer,
  SearchGroup,
  SearchHit,
  SearchPage,
  SearchPiece,
  SearchQuery,
} from './search.ts'
