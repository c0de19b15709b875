import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'isPublic';

/** Opens a route to every caller. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
