export { createReviewApp } from './create-review-app.ts'
export type { ReviewApp, ReviewAppOptions } from './create-review-app.ts'
export type {
  FreezeRow,
  NextRow,
  PlanRow,
  RotationRow,
  RunRow,
  TargetAnswer,
  TargetDesk,
  TargetRow,
} from '../targets/desk.ts'
export { ReviewError } from '../errors.ts'
export type { ReviewErrorCode } from '../errors.ts'
export type { ScopeRule } from '../find/scope.ts'
export type { RateLimits } from '../limit/rates.ts'
export type { Permission, Role, RoleGroups } from '../login/groups.ts'
export type { OidcOptions } from '../login/provider.ts'
export type {
  AccessAudit,
  AccessEvent,
  AccessHistory,
  AccessRow,
  ApprovalDesk,
  Awaitable,
  CastMarker,
  CastStore,
  ChannelRow,
  ClaimFilter,
  CommandRow,
  DecisionKind,
  DeskAnswer,
  DeskPerson,
  DeskVerdict,
  FirstChannel,
  GrantRow,
  HeldApproval,
  HeldCommand,
  LiveChannel,
  LiveRecordings,
  ListQuery,
  RecordingDetail,
  RecordingFilters,
  RecordingPage,
  RecordingRow,
  RecordingStatus,
  ReplaySource,
  Scope,
  SearchAnswer,
  SearchGroup,
  SearchHit,
  SearchPage,
  SearchPiece,
  SearchQuery,
  SessionCatalog,
  SessionEnder,
  SessionSearch,
} from '../roles.ts'
