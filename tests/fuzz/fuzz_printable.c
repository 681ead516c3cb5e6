/* SPDX-License-Identifier: MIT */
/*
 * Text of others on its way to a terminal or into JSON: no byte may remain that a terminal
 * interprets. Output of a command in a guest comes in pieces: where they are cut (the first byte)
 * must not change what is printed.
 */
#include <json-c/json.h>

#include "emu/model/base/printable.h"
#include "tests/fuzz/fuzz.h"

struct text {
	char *at;
	size_t n;
	FILE *out;
};

static void begin(struct text *t)
{
	*t = (struct text){0};
	CHECK((t->out = open_memstream(&t->at, &t->n)));
}

/* As follow() of control_socket.c does: what is not printed is kept for the next piece. */
static void print_pieces(struct text *t, const char *text, size_t len, size_t most)
{
	size_t from = 0, to;

	begin(t);
	for (to = 0; to < len;) {
		to = len - to < most ? len : to + most;
		size_t n = sfe_print_lines(text + from, to - from, false, t->out);
		CHECK(to - from - n < 4);
		from += n;
	}
	CHECK(sfe_print_lines(text + from, len - from, true, t->out) == len - from);
	fclose(t->out);
}

static bool is_clean(const char *text, size_t n, bool newlines)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];
		if ((c < ' ' && c != '\t' && (c != '\n' || !newlines)) || c == 0x7f ||
			(c == 0xc2 && i + 1 < n && (unsigned char)text[i + 1] < 0xa0))
			return false;
	}
	return true;
}

static void check_lines(const char *text, size_t len, size_t most)
{
	struct text whole, pieces;

	print_pieces(&whole, text, len, len + 1);
	print_pieces(&pieces, text, len, most);
	CHECK(whole.n == pieces.n && !memcmp(whole.at, pieces.at, whole.n));
	CHECK(whole.n <= len && is_clean(whole.at, whole.n, true));
	free(whole.at);
	free(pieces.at);
}

static void check_line(const char *text)
{
	char *copy = strdup(text);
	struct text printed;

	CHECK(copy);
	sfe_make_printable(copy);
	CHECK(strlen(copy) == strlen(text) && is_clean(copy, strlen(copy), false));
	CHECK(sfe_is_printable(copy, strlen(copy)));
	CHECK(sfe_is_printable(text, strlen(text)) == !strcmp(copy, text));
	begin(&printed);
	sfe_print_text(text, printed.out);
	fclose(printed.out);
	CHECK(!strcmp(printed.at, copy));
	free(printed.at);
	sfe_one_line(copy);
	CHECK(sfe_is_one_line(copy, strlen(copy)));
	free(copy);
}

/* What is printed as a JSON string is read as one; JSON stays the JSON that it was. */
static void check_json(const char *text)
{
	struct text printed;

	begin(&printed);
	sfe_print_json_text(text, printed.out);
	fclose(printed.out);
	CHECK(is_clean(printed.at, printed.n, false) && !memchr(printed.at, '\t', printed.n));
	json_object *o = json_tokener_parse(printed.at), *again;
	CHECK(json_object_is_type(o, json_type_string));
	if (sfe_is_printable(text, strlen(text)))
		CHECK(!strcmp(json_object_get_string(o), text));
	free(printed.at);
	json_object_put(o);

	if (!(o = json_tokener_parse(text)))
		return;
	/* The library reads some numbers that it does not read again ("5e"). */
	const char *json = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
	json_object *same = json_tokener_parse(json);
	begin(&printed);
	sfe_print_json(json, printed.out);
	fclose(printed.out);
	CHECK(is_clean(printed.at, printed.n, true));
	again = json_tokener_parse(printed.at);
	CHECK(json_object_get_type(again) == json_object_get_type(same));
	if (sfe_is_printable(json, strlen(json)))
		CHECK(!strcmp(printed.at, json));
	free(printed.at);
	json_object_put(again);
	json_object_put(same);
	json_object_put(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	check_lines((const char *)data + 1, size - 1, 1 + data[0] % 16);
	char *text = part_text((struct part){(const char *)data + 1, size - 1});
	check_line(text);
	check_json(text);
	free(text);
	return 0;
}
