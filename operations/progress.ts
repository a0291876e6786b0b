/** Is told how far a long operation has come. `total` is 0 where it is not known. */
export type OnProgress = (done: number, total: number, what: string) => void;
