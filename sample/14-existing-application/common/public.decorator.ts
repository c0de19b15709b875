import { SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'isPublic';

/** Lets everybody use a route. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
