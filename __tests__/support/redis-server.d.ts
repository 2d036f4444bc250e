export function findRedis(): boolean;
/** @throws Error with what apt-get said */
export function installRedis(): void;
