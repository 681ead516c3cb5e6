/* SPDX-License-Identifier: MIT */
/* What every unit test program shares: a table of tests and a main that runs it with CUnit. */
#ifndef SFE_TESTS_UNIT_H
#define SFE_TESTS_UNIT_H

#include <CUnit/Basic.h>
#include <stdlib.h>

/* Whether sanitizers look at the test: what computes for long draws less then. */
#if defined(__SANITIZE_ADDRESS__)
#define UNIT_SANITIZED 1
#elif defined(__has_feature)
#define UNIT_SANITIZED __has_feature(address_sanitizer)
#else
#define UNIT_SANITIZED 0
#endif

struct unit_test {
	const char *name;
	void (*run)(void);
};

/* Runs the tests; returns the exit status. */
static inline int unit_main(const char *suite_name, const struct unit_test *tests, size_t n)
{
	if (CU_initialize_registry() != CUE_SUCCESS)
		return EXIT_FAILURE;
	CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
	for (size_t i = 0; suite && i < n; i++)
		if (!CU_add_test(suite, tests[i].name, tests[i].run))
			suite = NULL;
	if (!suite) {
		CU_cleanup_registry();
		return EXIT_FAILURE;
	}
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	unsigned failed = CU_get_number_of_failures() + (CU_get_number_of_tests_run() != n);
	CU_cleanup_registry();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
