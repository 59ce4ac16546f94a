/** Magic numbers of Linux, from statfs(2) and linux/magic.h, and from the file systems that are not in them. */
const types = new Map<number, string>([
  [0xEF53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683E, 'btrfs'],
  [0x2FC12FC1, 'zfs'],
  [0xF2F52010, 'f2fs'],
  [0xCA451A4E, 'bcachefs'],
  [0x52654973, 'reiserfs'],
  [0x3153464A, 'jfs'],
  [0x794C7630, 'overlay'],
  [0x61756673, 'aufs'],
  [0x01021994, 'tmpfs'],
  [0x858458F6, 'ramfs'],
  [0x6969, 'nfs'],
  [0xFF534D42, 'cifs'],
  [0xFE534D42, 'smb'],
  [0x00C36400, 'ceph'],
  [0x0BD00BD0, 'lustre'],
  [0x47504653, 'gpfs'],
  [0x01021997, '9p'],
  [0x65735546, 'fuse'],
  [0x6A656A63, 'fakeowner'],
  [0x4D44, 'vfat'],
  [0x2011BAB0, 'exfat'],
  [0x5346544E, 'ntfs'],
  [0x7366746E, 'ntfs'],
  [0x73717368, 'squashfs'],
  [0xE0F5E1E2, 'erofs'],
  [0x9660, 'iso9660'],
  [0xF15F, 'ecryptfs']
])

/** Name of the type of a file system by the number that statfs gives; ext2 and ext3 have the number of ext4. */
export function fileSystemType (magic: number): string {
  // Some systems give the number with a sign.
  return types.get(magic >>> 0) ?? 'other'
}
