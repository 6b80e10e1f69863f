// Waiting for what a page does in its own time.

/** What `reached` answers once it answers something, asked now and at each change below `root`;
 * nothing, when the time is over. */
export function until<T>(root: Node, reached: () => T | undefined, limit: number): Promise<T | undefined> {
  return new Promise((resolve) => {
    const finish = (result: T | undefined) => {
      observer.disconnect();
      clearTimeout(timer);
      resolve(result);
    };
    const look = () => {
      const result = reached();
      if (result !== undefined) finish(result);
    };
    const observer = new MutationObserver(look);
    const timer = setTimeout(finish, limit);
    observer.observe(root, { childList: true, subtree: true, characterData: true });
    look();
  });
}
