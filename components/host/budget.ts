/** A month's money in each cloud that is used. */
export interface Budget {
  monthlyUsd: number;
  email: string;
  billingAccount?: string | undefined;
}
