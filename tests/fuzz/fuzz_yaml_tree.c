/* SPDX-License-Identifier: MIT */
/* YAML trees: what is taken reads back from its own flow text. */
#include "emu/model/base/yaml_tree.h"
#include "tests/fuzz/fuzz.h"

static char *print(const struct sfe_tree *t, size_t *len)
{
	char *text;
	FILE *f = open_memstream(&text, len);

	CHECK(f);
	sfe_tree_print(t, f);
	fclose(f);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sfe_tree *t, *again;
	struct sfe_error err = {0};
	size_t len, len_again;

	if (!size)
		return 0;
	unsigned flags = data[0] & (SFE_TREE_ANY_ROOT | SFE_TREE_DOTTED_KEYS);
	int rc = sfe_tree_read((const char *)data + 1, size - 1, "yaml", flags, &t, &err);
	if (rc) {
		check_error(&err, rc);
		return 0;
	}
	char *text = print(t, &len);
	CHECK(!sfe_tree_read(text, len, "printed", flags, &again, NULL));
	char *text_again = print(again, &len_again);
	CHECK(len == len_again && !memcmp(text, text_again, len));
	sfe_tree_find(t, "link.shared.rate");
	sfe_tree_find(t, "strategies[0]");
	free(text);
	free(text_again);
	sfe_tree_free(t);
	sfe_tree_free(again);
	return 0;
}
