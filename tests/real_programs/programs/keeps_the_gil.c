/* An extension that computes for a long time and never releases the GIL. */
#include <Python.h>

static PyObject *parse(PyObject *self, PyObject *argument) {
    volatile double value = 1;
    for (long step = PyLong_AsLong(argument); step > 0; step--)
        value = value * 1.0000001;
    return PyFloat_FromDouble(value);
}

static PyMethodDef methods[] = {{"parse", parse, METH_O, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "keeps_the_gil", NULL, -1, methods};

PyMODINIT_FUNC PyInit_keeps_the_gil(void) {
    return PyModule_Create(&module);
}
