/** What one call has come to; read when it ends. */
export interface Course {
  isSent: boolean;
  /** The server itself has said something of it, be it a failure. */
  isAnswered: boolean;
  /** It was a success. */
  isDone: boolean;
  /** Present where the server can be told to stop. */
  stop: ((signal: AbortSignal) => Promise<void>) | undefined;
  leaveLine: () => void;
}

export const newCourse = (): Course => ({
  isSent: false,
  isAnswered: false,
  isDone: false,
  stop: undefined,
  leaveLine: () => {},
});
