// What a regular expression cannot tell: where a statement ends, and where a heredoc does.
//
// A statement ends with its line, before a `}` and at the end of the file, but only where the
// grammar can end one: within ( ) and [ ], and behind a comma, it cannot.

#include "tree_sitter/alloc.h"
#include "tree_sitter/parser.h"

#include <string.h>

enum { SEPARATOR, HEREDOC_START, HEREDOC_BODY, HEREDOC_END, ERROR };

#define LONGEST_TAG 127

// The tag of the heredoc that is being read; its length is 0 outside of one.
typedef struct {
  uint8_t length;
  char tag[LONGEST_TAG];
} Scanner;

static bool is_blank(int32_t character) { return character == ' ' || character == '\t'; }

static bool is_tag(int32_t character) {
  return (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9') ||
         character == '_';
}

// Whether the line ends here; a carriage return before its end is passed.
static bool at_line_end(TSLexer *lexer) {
  if (lexer->lookahead == '\r') lexer->advance(lexer, false);
  return lexer->lookahead == '\n' || lexer->eof(lexer);
}

static bool scan_separator(TSLexer *lexer) {
  while (is_blank(lexer->lookahead) || lexer->lookahead == '\r') lexer->advance(lexer, true);
  lexer->result_symbol = SEPARATOR;
  if (lexer->lookahead == '\n') {
    lexer->advance(lexer, true);
    lexer->mark_end(lexer);
    return true;
  }
  lexer->mark_end(lexer);
  return lexer->lookahead == '}' || lexer->eof(lexer);
}

// `<<TAG` or `<<$TAG`, with nothing behind it in its line.
static bool scan_start(Scanner *scanner, TSLexer *lexer) {
  while (is_blank(lexer->lookahead) || lexer->lookahead == '\r' || lexer->lookahead == '\n')
    lexer->advance(lexer, true);
  for (int i = 0; i < 2; i++) {
    if (lexer->lookahead != '<') return false;
    lexer->advance(lexer, false);
  }
  if (lexer->lookahead == '$') lexer->advance(lexer, false);
  if (lexer->lookahead < 'A' || lexer->lookahead > 'Z') return false;
  uint8_t length = 0;
  while (is_tag(lexer->lookahead)) {
    if (length == LONGEST_TAG) return false;
    scanner->tag[length++] = (char)lexer->lookahead;
    lexer->advance(lexer, false);
  }
  lexer->mark_end(lexer);
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, false);
  if (!at_line_end(lexer)) return false;
  scanner->length = length;
  lexer->result_symbol = HEREDOC_START;
  return true;
}

// Whether the rest of a line, which has not been begun, is the tag alone.
static bool scan_tag(Scanner *scanner, TSLexer *lexer) {
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, false);
  for (uint8_t i = 0; i < scanner->length; i++) {
    if (lexer->lookahead != scanner->tag[i]) return false;
    lexer->advance(lexer, false);
  }
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, false);
  return at_line_end(lexer);
}

static bool scan_body(Scanner *scanner, TSLexer *lexer) {
  while (lexer->lookahead != '\n') {
    if (lexer->eof(lexer)) return false;
    lexer->advance(lexer, true);
  }
  lexer->advance(lexer, true);
  lexer->mark_end(lexer);
  if (scan_tag(scanner, lexer)) {  // nothing in it
    lexer->mark_end(lexer);
    scanner->length = 0;
    lexer->result_symbol = HEREDOC_END;
    return true;
  }
  lexer->result_symbol = HEREDOC_BODY;
  for (;;) {
    while (lexer->lookahead != '\n') {
      if (lexer->eof(lexer)) return false;
      lexer->advance(lexer, false);
    }
    lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    if (scan_tag(scanner, lexer)) return true;
  }
}

static bool scan_end(Scanner *scanner, TSLexer *lexer) {
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
  for (uint8_t i = 0; i < scanner->length; i++) {
    if (lexer->lookahead != scanner->tag[i]) return false;
    lexer->advance(lexer, false);
  }
  lexer->mark_end(lexer);
  scanner->length = 0;
  lexer->result_symbol = HEREDOC_END;
  return true;
}

void *tree_sitter_kon_external_scanner_create(void) { return ts_calloc(1, sizeof(Scanner)); }

void tree_sitter_kon_external_scanner_destroy(void *payload) { ts_free(payload); }

unsigned tree_sitter_kon_external_scanner_serialize(void *payload, char *buffer) {
  Scanner *scanner = payload;
  memcpy(buffer, scanner->tag, scanner->length);
  return scanner->length;
}

void tree_sitter_kon_external_scanner_deserialize(void *payload, const char *buffer,
                                                  unsigned length) {
  Scanner *scanner = payload;
  scanner->length = (uint8_t)length;
  if (length) memcpy(scanner->tag, buffer, length);
}

bool tree_sitter_kon_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  Scanner *scanner = payload;
  if (valid[ERROR]) return false;
  if (scanner->length && valid[HEREDOC_BODY]) return scan_body(scanner, lexer);
  if (scanner->length && valid[HEREDOC_END]) return scan_end(scanner, lexer);
  if (valid[SEPARATOR]) return scan_separator(lexer);
  return valid[HEREDOC_START] && scan_start(scanner, lexer);
}
