/*
 * keeper: the shell. Command line, config, wiring, the loop, effects, and the daemon's half of the
 * signer's socket. It may touch everything and should decide nothing.
 *
 * This file: one function a command. In: the arguments behind the command's name. Out: exit code.
 * Every one answers `--help` (keeper/help.h) and refuses what it does not know with EXIT_USAGE.
 */
#ifndef KEEPER_COMMANDS_H
#define KEEPER_COMMANDS_H

#include "keeper/exit.h"

int command_run(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_check(int argc, char **argv);
int command_health(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_stress(int argc, char **argv);
int command_journal(int argc, char **argv);
int command_status(int argc, char **argv);
int command_sign(int argc, char **argv);
int command_prepare(int argc, char **argv);
int command_key(int argc, char **argv);
int command_tx(int argc, char **argv);
int command_help(int argc, char **argv);

#endif
