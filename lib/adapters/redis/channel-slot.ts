const SLOTS = 16_384;

/** The hash slot of a key or channel on a Cluster: CRC16 of its hash tag, or of all of it. */
export function slotOf(name: string): number {
  const begin = name.indexOf('{');
  const end = begin < 0 ? -1 : name.indexOf('}', begin + 1);
  const hashed = end > begin + 1 ? name.slice(begin + 1, end) : name;
  let crc = 0;
  for (const byte of Buffer.from(hashed)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % SLOTS;
}
