export interface Answer { readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, string>> }
