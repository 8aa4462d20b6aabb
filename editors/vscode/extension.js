// Starts `koncli lsp` and connects the editor to it; all that is clever is in there.

const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const command = workspace.getConfiguration("koncli").get("path");
  client = new LanguageClient(
    "koncli",
    "koncli",
    { command, args: ["lsp"] },
    { documentSelector: [{ language: "kon" }] },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    window.showErrorMessage(
      `koncli: \`${command} lsp\` does not start (${error.message}). Set koncli.path to where koncli is.`,
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart() {
  await stop();
  await start();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    commands.registerCommand("koncli.restart", restart),
    workspace.onDidChangeConfiguration((change) =>
      change.affectsConfiguration("koncli.path") ? restart() : undefined,
    ),
  );
  await start();
};

exports.deactivate = stop;
