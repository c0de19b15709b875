/** `node run.mjs <client> <url> …`: uses one client on each server, and prints what it saw as JSON, a line each. */
const [name, ...urls] = process.argv.slice(2);
const { use } = await import(`./use/${name}.mjs`);
for (const url of urls) console.log(JSON.stringify(await use(url)));
process.exit(0);
