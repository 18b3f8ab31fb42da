export {
  findResident,
  openResident,
  RESIDENT_VARIABLES,
  type ResidentPlace,
  rerunLocked,
  residentPlace,
} from './resident';
