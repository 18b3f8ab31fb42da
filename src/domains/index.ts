export { findResident, openResident, RESIDENT_VARIABLES, type ResidentPlace, residentPlace } from './resident';
