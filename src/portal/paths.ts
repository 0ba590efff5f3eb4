/** Each address of the portal: the pattern the router matches beside the function that builds the link. */
export const paths = {
  /** One sign-in under way: its steps, one after the other, at one address. */
  interaction: {
    pattern: '/:tenant/interaction/:id',
    link: (tenant: string, id: string) => `/${tenant}/interaction/${encodeURIComponent(id)}`,
  },
  /** The question before signing out, and the page after it. */
  signOut: {
    pattern: '/:tenant/logout/*',
    link: (tenant: string) => `/${tenant}/logout`,
  },
}
