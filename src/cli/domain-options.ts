// Options that say which slave a command speaks to.
import { Option } from 'commander';

export function busOption(): Option {
  return new Option('--bus <address>', 'use the slave on that bus, not on the session bus');
}

export function embeddedOption(): Option {
  return new Option('--embedded', 'use no bus: start a slave of its own');
}
