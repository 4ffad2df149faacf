export type { Schedule } from './schedule.ts'
export { createSchedules, type ScheduleParts, type Schedules } from './schedules.ts'
export { lookMinutely } from './minutely.ts'
export type { NextRotation, ScheduleView } from './view.ts'
