export {
  createAdmissions,
  type AdmissionLimits,
  type Admissions,
  type AdmissionVerdict,
  type Newcomer,
} from './admission.ts'
