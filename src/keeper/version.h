/* The program's version: the Makefile says it, from the commit. */
#ifndef KEEPER_VERSION_H
#define KEEPER_VERSION_H

#ifndef PLIMSOLL_VERSION
#define PLIMSOLL_VERSION "unknown"
#endif
#define PLIMSOLL_VERSION_TEXT PLIMSOLL_VERSION

#endif
