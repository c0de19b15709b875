/** Uses of the official clients of both generations. */
export async function useOfficial(client, call, revision) {
  const progress = [];
  const { tools } = await client.listTools();
  const { content } = await call(
    { name: 'count', arguments: { to: 3 } },
    { onprogress: ({ progress: done }) => progress.push(done) },
  );
  await client.close();
  return { revision, tools: tools.map(({ name }) => name), text: content[0].text, progress };
}
