export { answerTargetCall } from './call.ts'
export {
  createTargetDesk,
  type TargetActor,
  type TargetAnswer,
  type TargetDesk,
  type TargetDeskOptions,
} from './desk.ts'
export type { HostKeyView, TargetView } from './view.ts'
