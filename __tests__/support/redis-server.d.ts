/** On PATH. */
export const REDIS_SERVER: string;
export function findRedis(): boolean;
/** @throws Error with what apt-get said */
export function installRedis(): void;
