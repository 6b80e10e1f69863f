// Where a document stands.

/** Whether every document around this one is of its own site. In a stranger's page nobody can tell
 * what the person sees of it, and Firefox cannot even tell whether it is covered: nothing of ours
 * belongs there. */
export function standsInItsOwnSite(): boolean {
  try {
    for (let at: Window = window; at !== at.parent; at = at.parent) {
      if (at.parent.location.origin !== location.origin) return false;
    }
    return true;
  } catch {
    // Another origin's window: its address is not for us.
    return false;
  }
}
